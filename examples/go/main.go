// A loyalty sync with net/http: look up, create, change, page through all, and receive a signed webhook.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
)

const api = "https://api.kounta.com/v1/companies/me"

type object map[string]any

type customer struct {
	ID        int64    `json:"id"`
	FirstName string   `json:"first_name"`
	Tags      []string `json:"tags"`
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

// kounta returns a response, after redirects. A 404 is no error, other refusals end the program.
func kounta(method, address string, body object) *http.Response {
	var content bytes.Buffer
	if body != nil {
		content.Write(must(json.Marshal(body)))
	}
	request := must(http.NewRequest(method, address, &content))
	request.SetBasicAuth(env("KOUNTA_CLIENT_ID", "fake-client-id"), env("KOUNTA_CLIENT_SECRET", "fake-client-secret"))
	request.Header.Set("Content-Type", "application/json")
	response := must(http.DefaultClient.Do(request))
	if response.StatusCode >= 400 && response.StatusCode != 404 {
		log.Fatal(method, " ", address, ": ", response.Status)
	}
	return response
}

func parsed[T any](content io.Reader) (value T) {
	return *must(&value, json.NewDecoder(content).Decode(&value))
}

func main() {
	received := make(chan customer, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		body := must(io.ReadAll(request.Body))
		mac := hmac.New(sha256.New, []byte(env("KOUNTA_SIGNATURE_TOKEN", "fake-signature-token")))
		mac.Write(body) // the exact bytes, before they are parsed
		if !hmac.Equal([]byte(fmt.Sprintf("%x", mac.Sum(nil))), []byte(request.Header.Get("X-Kounta-Signature"))) {
			http.Error(writer, "the signature is wrong", http.StatusForbidden)
			return
		}
		received <- parsed[customer](bytes.NewReader(body))
	}))
	defer receiver.Close()
	kounta("POST", api+"/webhooks.json", object{"topic": "customers/created", "address": receiver.URL, "format": "json"})

	found := kounta("GET", api+"/customers.json?"+url.Values{"email": {"ada@example.com"}}.Encode(), nil)
	if found.StatusCode == 404 {
		fmt.Println("found: nobody")
		created := kounta("POST", api+"/customers.json", object{"first_name": "Ada", "email": "ada@example.com"})
		found = kounta("GET", created.Header.Get("Location"), nil)
	}
	ada := parsed[customer](found.Body)
	changed := kounta("PUT", fmt.Sprintf("%s/customers/%d.json", api, ada.ID), object{"tags": []string{"Gold"}})
	fmt.Println("tags:", strings.Join(parsed[customer](changed.Body).Tags, " "))

	count := 0
	for next := api + "/customers.json"; next != ""; {
		page := kounta("GET", next, nil)
		count += len(parsed[[]customer](page.Body))
		next = page.Header.Get("X-Next-Page")
	}
	fmt.Println("customers:", count)
	fmt.Println("signed webhook:", (<-received).FirstName)
}
