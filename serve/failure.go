package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/orchid-seq/orchid"
)

// A kind is what is wrong with a request, with the names and the status that the
// protocols have for it.
type kind struct {
	code   string // ours, also in OpenAI's answers and in the log
	status int
	tei    int    // the status of text-embeddings-inference, 0 for the same
	type_  string // its error_type
}

var (
	invalid   = &kind{"invalid_request", http.StatusBadRequest, http.StatusUnprocessableEntity, "Validation"}
	malformed = &kind{"malformed_body", http.StatusBadRequest, 0, "Validation"}
	tooMany   = &kind{"too_many_items", http.StatusBadRequest, http.StatusRequestEntityTooLarge, "Validation"}
	tooLong   = &kind{"too_many_tokens", http.StatusBadRequest, http.StatusRequestEntityTooLarge, "Validation"}
	tooLarge  = &kind{"body_too_large", http.StatusRequestEntityTooLarge, 0, "Validation"}
	wrongTask = &kind{"wrong_task", http.StatusBadRequest, http.StatusFailedDependency, "Backend"}
	noKey     = &kind{"invalid_api_key", http.StatusUnauthorized, 0, "Unauthorized"}
	noModel   = &kind{"model_not_found", http.StatusNotFound, 0, "Validation"}
	noRoute   = &kind{"not_found", http.StatusNotFound, 0, "Validation"}
	noMethod  = &kind{"method_not_allowed", http.StatusMethodNotAllowed, 0, "Validation"}
	noMedia   = &kind{"unsupported_media_type", http.StatusUnsupportedMediaType, 0, "Validation"}
	noHost    = &kind{"unknown_host", http.StatusMisdirectedRequest, 0, "Validation"}
	noOrigin  = &kind{"cross_origin", http.StatusForbidden, 0, "Validation"}
	slow      = &kind{"slow_request", http.StatusRequestTimeout, 0, "Validation"}
	gone      = &kind{"client_gone", 499, 0, "Validation"} // nobody reads it; as nginx logs it
	full      = &kind{"overloaded", http.StatusServiceUnavailable, 0, "Overloaded"}
	ending    = &kind{"stopping", http.StatusServiceUnavailable, 0, "Unhealthy"}
	late      = &kind{"timeout", http.StatusGatewayTimeout, 0, "Overloaded"}
	broken    = &kind{"internal_error", http.StatusInternalServerError, 0, "Backend"}
)

// A failure is why a request gets no answer. Its text may repeat names of fields, and
// numbers, never a text.
type failure struct {
	*kind
	field string // of the request, "" for none
	text  string
	cause error // for the log, where the server is at fault
}

// Error returns the sentence.
func (f *failure) Error() string { return f.text }

func fail(k *kind, field, format string, args ...any) *failure {
	return &failure{kind: k, field: field, text: fmt.Sprintf(format, args...)}
}

// asFailure turns any error into a failure.
func (s *Server) asFailure(ctx context.Context, err error) *failure {
	var f *failure
	var task *orchid.TaskError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &task):
		return fail(wrongTask, "model", "the model is one of the task %s, not %s", task.Task, task.Want)
	case errors.Is(err, context.Canceled) && context.Cause(ctx) == context.DeadlineExceeded:
		return fail(late, "", "no answer in %v, which is the limit", s.o.Time)
	case errors.Is(err, context.Canceled) && s.stopping.Load():
		return fail(ending, "", "the server is stopping")
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return fail(gone, "", "the client has gone")
	}
	f = fail(broken, "", "the server failed; its log says why")
	f.cause = err
	return f
}

// A protocol is a form of requests and answers.
type protocol int

const (
	openAI protocol = iota
	tei
	kserve
)

// status returns that of a failure.
func (p protocol) status(f *failure) int {
	if p == tei && f.tei != 0 {
		return f.tei
	}
	return f.status
}

// body returns the JSON object that tells a failure.
func (p protocol) body(f *failure) any {
	type object = map[string]any
	switch p {
	case tei:
		return object{"error": f.text, "error_type": f.type_}
	case kserve:
		return object{"error": f.text}
	}
	kind := "invalid_request_error"
	if f.status >= 500 {
		kind = "server_error"
	}
	var param any
	if f.field != "" {
		param = f.field
	}
	return object{"error": object{"message": f.text, "type": kind, "param": param, "code": f.code}}
}
