package main

import (
	"encoding/json"
	"log"
	"net/http"
	"net/http/cgi"
)

type order struct {
	Rounds uint32 `json:"rounds"`
}

type answer struct {
	Rounds uint32 `json:"rounds"`
	Value  uint32 `json:"value"`
}

func handle(response http.ResponseWriter, request *http.Request) {
	var given order
	if err := json.NewDecoder(request.Body).Decode(&given); err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	value := uint32(1)
	for round := uint32(0); round < given.Rounds; round++ {
		value = (value*75 + 74) % 65537
	}
	response.Header().Set("content-type", "application/json")
	text, _ := json.Marshal(answer{given.Rounds, value})
	response.Write(text)
}

func main() {
	if err := cgi.Serve(http.HandlerFunc(handle)); err != nil {
		log.Fatal(err)
	}
}
