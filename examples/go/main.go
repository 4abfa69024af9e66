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
	"time"
)

const api = "https://api.kounta.com/v1/companies/me"

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

// kounta sends a request, and reads the JSON of the response into target. A 404 is no error.
func kounta(method, address string, body, target any) (*http.Response, error) {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequest(method, address, &content)
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(env("KOUNTA_CLIENT_ID", "fake-client-id"), env("KOUNTA_CLIENT_SECRET", "fake-client-secret"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode >= 400 && response.StatusCode != http.StatusNotFound {
		return nil, fmt.Errorf("%s %s: %s", method, address, response.Status)
	}
	if target != nil && response.StatusCode == http.StatusOK {
		return response, json.NewDecoder(response.Body).Decode(target)
	}
	return response, nil
}

// must returns a response, or ends the program.
func must(response *http.Response, err error) *http.Response {
	if err != nil {
		log.Fatal(err)
	}
	return response
}

// signed tells whether a webhook's signature is that of these exact bytes.
func signed(body []byte, signature string) bool {
	mac := hmac.New(sha256.New, []byte(env("KOUNTA_SIGNATURE_TOKEN", "fake-signature-token")))
	mac.Write(body)
	return hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(signature))
}

func main() {
	received := make(chan customer, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		var created customer
		if err != nil || !signed(body, request.Header.Get("X-Kounta-Signature")) || json.Unmarshal(body, &created) != nil {
			writer.WriteHeader(http.StatusForbidden)
			return
		}
		received <- created
	}))
	defer receiver.Close()
	hook := map[string]string{"topic": "customers/created", "address": receiver.URL, "format": "json"}
	must(kounta("POST", api+"/webhooks.json", hook, nil))

	var ada customer
	query := url.Values{"email": {"ada@example.com"}}
	found := must(kounta("GET", api+"/customers.json?"+query.Encode(), nil, &ada))
	if found.StatusCode == http.StatusNotFound {
		fmt.Println("found: nobody")
		created := must(kounta("POST", api+"/customers.json", map[string]string{"first_name": "Ada", "email": "ada@example.com"}, nil))
		must(kounta("GET", created.Header.Get("Location"), nil, &ada))
	} else {
		fmt.Println("found:", ada.ID)
	}
	must(kounta("PUT", fmt.Sprintf("%s/customers/%d.json", api, ada.ID), map[string][]string{"tags": {"Gold"}}, &ada))
	fmt.Println("tags:", strings.Join(ada.Tags, " "))

	count := 0
	for next := api + "/customers.json"; next != ""; {
		var page []customer
		next = must(kounta("GET", next, nil, &page)).Header.Get("X-Next-Page")
		count += len(page)
	}
	fmt.Println("customers:", count)
	select {
	case created := <-received:
		fmt.Println("webhook:", map[bool]string{true: "signed", false: "of somebody else"}[created.FirstName == "Ada"])
	case <-time.After(time.Minute):
		log.Fatal("no webhook came")
	}
}
