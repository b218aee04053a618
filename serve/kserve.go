package serve

import (
	"net/http"
)

// tensorAnswer describes an input or an output of a model; -1 in its shape is the number
// of texts.
type tensorAnswer struct {
	Name     string `json:"name"`
	Datatype string `json:"datatype"`
	Shape    []int  `json:"shape"`
}

// kserveServer answers GET /v2.
func (s *Server) kserveServer(w http.ResponseWriter, r *http.Request) error {
	return s.json(w, r, http.StatusOK, map[string]any{"name": "orchid", "version": s.o.Version, "extensions": []string{"binary_tensor_data"}})
}

// kserveModel answers GET /v2/models/NAME.
func (s *Server) kserveModel(w http.ResponseWriter, r *http.Request) error {
	m, err := s.model(r.PathValue("name"))
	if err != nil {
		return err
	}
	return s.json(w, r, http.StatusOK, map[string]any{
		"name": m.info.Name, "versions": []string{"1"}, "platform": "orchid",
		"inputs": []tensorAnswer{{"text", "BYTES", []int{-1}}}, "outputs": m.outputs(),
	})
}

// outputs lists what a model can give for texts.
func (m *served) outputs() []tensorAnswer {
	list := []tensorAnswer{{"embedding", "FP32", []int{-1, m.info.Width}}}
	switch {
	case m.info.Classes != nil:
		list = append(list, tensorAnswer{"probabilities", "FP32", []int{-1, len(m.info.Classes)}}, tensorAnswer{"label", "BYTES", []int{-1}})
	case m.info.Values:
		list = append(list, tensorAnswer{"value", "FP32", []int{-1, 1}})
	}
	return list
}

// kserveReady answers GET /v2/models/NAME/ready.
func (s *Server) kserveReady(w http.ResponseWriter, r *http.Request) error {
	m, err := s.model(r.PathValue("name"))
	if err != nil {
		return err
	}
	if s.stopping.Load() {
		return fail(ending, "", "the server is stopping")
	}
	return s.json(w, r, http.StatusOK, map[string]any{"name": m.info.Name, "ready": true})
}
