package serve

// Routes lists the routes, "GET /v2/models/NAME".
func (s *Server) Routes() (list []string) {
	for _, r := range s.routes {
		list = append(list, r.method+" "+r.path)
	}
	return list
}

// Busy returns how many requests and bytes the server holds.
func (s *Server) Busy() int64 { return s.admitted.Load() + s.reading.Load() }
