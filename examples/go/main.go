// A loyalty sync with net/http: look up, create, change, page through all, and receive a signed webhook.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
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

type customer struct {
	ID        int64    `json:"id"`
	FirstName string   `json:"first_name"`
	Tags      []string `json:"tags"`
}

type object map[string]any

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// kounta sends a request and reads the JSON of a 200 into target. A 404 is no error, other refusals end the program.
func kounta(method, address string, body object, target any) *http.Response {
	var content bytes.Buffer
	if body != nil {
		check(json.NewEncoder(&content).Encode(body))
	}
	request, err := http.NewRequest(method, address, &content)
	check(err)
	request.SetBasicAuth(env("KOUNTA_CLIENT_ID", "fake-client-id"), env("KOUNTA_CLIENT_SECRET", "fake-client-secret"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	check(err)
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		check(json.NewDecoder(response.Body).Decode(target))
	} else if response.StatusCode >= 400 && response.StatusCode != http.StatusNotFound {
		log.Fatal(method, " ", address, ": ", response.Status)
	}
	return response
}

func main() {
	received := make(chan customer, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		check(err)
		mac := hmac.New(sha256.New, []byte(env("KOUNTA_SIGNATURE_TOKEN", "fake-signature-token")))
		mac.Write(body) // the exact bytes, before they are parsed
		if !hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(request.Header.Get("X-Kounta-Signature"))) {
			writer.WriteHeader(http.StatusForbidden)
			return
		}
		var created customer
		check(json.Unmarshal(body, &created))
		received <- created
	}))
	defer receiver.Close()
	kounta("POST", api+"/webhooks.json", object{"topic": "customers/created", "address": receiver.URL, "format": "json"}, nil)

	var ada customer
	query := url.Values{"email": {"ada@example.com"}}
	if kounta("GET", api+"/customers.json?"+query.Encode(), nil, &ada).StatusCode == http.StatusNotFound {
		fmt.Println("found: nobody")
		created := kounta("POST", api+"/customers.json", object{"first_name": "Ada", "email": "ada@example.com"}, nil)
		kounta("GET", created.Header.Get("Location"), nil, &ada)
	} else {
		fmt.Println("found:", ada.ID)
	}
	kounta("PUT", fmt.Sprintf("%s/customers/%d.json", api, ada.ID), object{"tags": []string{"Gold"}}, &ada)
	fmt.Println("tags:", strings.Join(ada.Tags, " "))

	count := 0
	for next := api + "/customers.json"; next != ""; {
		var page []customer
		next = kounta("GET", next, nil, &page).Header.Get("X-Next-Page")
		count += len(page)
	}
	fmt.Println("customers:", count)
	fmt.Println("webhook:", map[bool]string{true: "signed", false: "of somebody else"}[(<-received).FirstName == "Ada"])
}
