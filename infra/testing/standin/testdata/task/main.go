// A program for an image out of the stand-in's ECR: it serves what it sees on port 8980, for the tests of standin.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		log.Print("served ", r.URL)
		dir, _ := os.Getwd()
		if err := json.NewEncoder(w).Encode(map[string]any{"pid": os.Getpid(), "args": os.Args, "dir": dir,
			"env": os.Environ()}); err != nil {
			log.Print(err)
		}
	})
	log.Fatal(http.ListenAndServe(":8980", nil))
}
