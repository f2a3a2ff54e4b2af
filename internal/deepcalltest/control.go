package deepcalltest

import (
	"encoding/json"
	"net/http"
)

// ControlPath is where people and scripts steer a server that runs WithControl,
// at the root whatever the API's prefix is:
//
//	GET  agents                       the agents with CAD on, a JSON array
//	GET  requests                     the recorded requests, without their bodies and credentials
//	POST refuse?agent=ID&message=TEXT as Refuse; agent may stand more than once
//	POST accept?agent=ID              as Accept
const ControlPath = "/_standin/"

func (s *Server) newControl() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+ControlPath+"agents", func(w http.ResponseWriter, _ *http.Request) {
		writeControl(w, append([]string{}, s.Enabled()...))
	})
	mux.HandleFunc("GET "+ControlPath+"requests", func(w http.ResponseWriter, _ *http.Request) {
		writeControl(w, s.Requests())
	})
	mux.HandleFunc("POST "+ControlPath+"refuse", s.forAgents(func(r *http.Request, ids []string) {
		message := r.URL.Query().Get("message")
		if message == "" {
			message = "Invalid AgentID" // the documented text of code 1507
		}
		s.Refuse(message, ids...)
	}))
	mux.HandleFunc("POST "+ControlPath+"accept", s.forAgents(func(_ *http.Request, ids []string) {
		s.Accept(ids...)
	}))
	return mux
}

func (s *Server) forAgents(do func(*http.Request, []string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ids := r.URL.Query()["agent"]
		if len(ids) == 0 {
			http.Error(w, "name the agents: ?agent=13&agent=15", http.StatusBadRequest)
			return
		}
		do(r, ids)
		w.WriteHeader(http.StatusNoContent)
	}
}

func writeControl(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v) // fails only when the reader has left
}
