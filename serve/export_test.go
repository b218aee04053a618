package serve

// Routes lists the routes, "GET /v2/models/NAME".
func (s *Server) Routes() (list []string) {
	for _, r := range s.routes {
		list = append(list, r.method+" "+r.path)
	}
	return list
}

// Hold lets no large text be cut into tokens until it is called again.
func (s *Server) Hold() (letGo func()) {
	s.large <- struct{}{}
	return func() { <-s.large }
}

// Busy returns how many requests and bytes the server holds.
func (s *Server) Busy() int64 { return s.admitted.Load() + s.reading.Load() }
