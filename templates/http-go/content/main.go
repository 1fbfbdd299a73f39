package main

import (
	"fmt"
	"log"
	"net/http"
	"net/http/cgi"
)

func handle(response http.ResponseWriter, request *http.Request) {
	response.Header().Set("content-type", "text/plain; charset=utf-8")
	fmt.Fprintf(response, "Hello from {{project-name}}: %s %s\n", request.Method, request.URL.Path)
}

// A program that answers one request, as CGI has it: the host starts it for each.
func main() {
	if err := cgi.Serve(http.HandlerFunc(handle)); err != nil {
		log.Fatal(err)
	}
}
