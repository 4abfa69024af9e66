# A loyalty sync with net/http: look up, create, change, page through all, and receive a signed webhook.
require "json"
require "net/http"
require "openssl"
require "socket"
require "timeout"

API = "https://api.kounta.com/v1/companies/me".freeze
CLIENT_ID = ENV.fetch("KOUNTA_CLIENT_ID", "fake-client-id")
CLIENT_SECRET = ENV.fetch("KOUNTA_CLIENT_SECRET", "fake-client-secret")
SIGNATURE_TOKEN = ENV.fetch("KOUNTA_SIGNATURE_TOKEN", "fake-signature-token")
HEADERS = {
  "Authorization" => "Basic #{["#{CLIENT_ID}:#{CLIENT_SECRET}"].pack('m0')}", "Content-Type" => "application/json"
}.freeze

# Returns the response, after redirects. A 404 is no error, other refusals are raised.
def kounta(url, method = "GET", body = nil)
  uri = URI(url)
  response = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https") do |http|
    http.send_request(method, uri.request_uri, body && JSON.generate(body), HEADERS)
  end
  return kounta(response["Location"]) if response.is_a?(Net::HTTPFound)

  response.value unless response.is_a?(Net::HTTPNotFound)
  response
end

def parsed(response) = JSON.parse(response.body)

def all_customers
  Enumerator.new do |customers|
    url = "#{API}/customers.json"
    while url
      page = kounta(url)
      parsed(page).each { |customer| customers << customer }
      url = page["X-Next-Page"]
    end
  end
end

# Returns the customer of the next webhook.
def receive(receiver)
  client = Timeout.timeout(60) { receiver.accept }
  headers = client.gets("\r\n\r\n").scan(/^([^:\r\n]+): ([^\r\n]*)/).to_h { |name, value| [name.downcase, value] }
  body = client.read(Integer(headers.fetch("content-length")))
  expected = OpenSSL::HMAC.hexdigest("SHA256", SIGNATURE_TOKEN, body)
  signed = OpenSSL.secure_compare(expected, headers["x-kounta-signature"].to_s)
  client.write("HTTP/1.1 #{signed ? '204 No Content' : '403 Forbidden'}\r\nConnection: close\r\n\r\n")
  client.close
  signed ? JSON.parse(body) : raise("the signature is wrong")
end

receiver = TCPServer.new("127.0.0.1", 0)
address = "http://127.0.0.1:#{receiver.addr[1]}/"
kounta("#{API}/webhooks.json", "POST", { topic: "customers/created", address: address, format: "json" })

found = kounta("#{API}/customers.json?#{URI.encode_www_form(email: 'ada@example.com')}")
if found.is_a?(Net::HTTPNotFound)
  puts "found: nobody"
  found = kounta(kounta("#{API}/customers.json", "POST", { first_name: "Ada", email: "ada@example.com" })["Location"])
end
changed = kounta("#{API}/customers/#{parsed(found)['id']}.json", "PUT", { tags: ["Gold"] })
puts "tags: #{parsed(changed)['tags'].join(' ')}"
puts "customers: #{all_customers.count}"
puts "signed webhook: #{receive(receiver)['first_name']}"
