// A loyalty sync with net/http: look up, create, change, page through all, and receive a signed webhook.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
)

const api = "https://api.kounta.com/v1/companies/me"

type customer struct {
	ID        int64    `json:"id"`
	FirstName string   `json:"first_name"`
	Tags      []string `json:"tags"`
}

func env(name, otherwise string) string {
	if value, found := os.LookupEnv(name); found {
		return value
	}
	return otherwise
}

// kounta sends a request, follows redirects and parses the answer. A 404 is no error; other failures end the program.
func kounta(method, address, body string, answer any) *http.Response {
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.SetBasicAuth(env("KOUNTA_CLIENT_ID", "fake-client-id"), env("KOUNTA_CLIENT_SECRET", "fake-client-secret"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode >= 400 && response.StatusCode != 404 {
		log.Fatal(method, " ", address, ": ", response, err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil && err != io.EOF { // a 201 has no body
		log.Fatal(err)
	}
	return response
}

func main() {
	received := make(chan customer, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		mac := hmac.New(sha256.New, []byte(env("KOUNTA_SIGNATURE_TOKEN", "fake-signature-token")))
		mac.Write(body) // the exact bytes, before they are parsed
		if !hmac.Equal([]byte(fmt.Sprintf("%x", mac.Sum(nil))), []byte(request.Header.Get("X-Kounta-Signature"))) {
			http.Error(writer, "the signature is wrong", http.StatusForbidden)
			return
		}
		var created customer
		json.Unmarshal(body, &created)
		received <- created
	}))
	defer receiver.Close()
	kounta("POST", api+"/webhooks.json", `{"topic": "customers/created", "format": "json", "address": "`+receiver.URL+`"}`, new(any))

	var ada customer
	found := kounta("GET", api+"/customers.json?email=ada@example.com", "", &ada)
	if found.StatusCode == 404 {
		fmt.Println("found: nobody")
		created := kounta("POST", api+"/customers.json", `{"first_name": "Ada", "email": "ada@example.com"}`, new(any))
		kounta("GET", created.Header.Get("Location"), "", &ada)
	}
	kounta("PUT", fmt.Sprintf("%s/customers/%d.json", api, ada.ID), `{"tags": ["Gold"]}`, &ada)
	fmt.Println("tags:", strings.Join(ada.Tags, " "))

	count := 0
	for next := api + "/customers.json"; next != ""; {
		var page []customer
		next = kounta("GET", next, "", &page).Header.Get("X-Next-Page")
		count += len(page)
	}
	fmt.Println("customers:", count)
	fmt.Println("signed webhook:", (<-received).FirstName)
}
