package serve

import (
	_ "embed"
	"net/http"
)

// document describes the routes, in OpenAPI 3.1.
//
//go:embed openapi.json
var document []byte

// openAPI answers GET /openapi.json.
func (s *Server) openAPI(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	return s.write(w, r, http.StatusOK, document)
}
