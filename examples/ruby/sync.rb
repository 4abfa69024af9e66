# A loyalty sync with net/http: look up, create, change, page through all, and receive a signed webhook.
require "json"
require "net/http"
require "openssl"
require "socket"
require "timeout"

API = "https://api.kounta.com/v1/companies/me".freeze
REQUESTS = { get: Net::HTTP::Get, post: Net::HTTP::Post, put: Net::HTTP::Put }.freeze

def kounta(url, method: :get, body: nil)
  uri = URI(url)
  request = REQUESTS.fetch(method).new(uri, "Content-Type" => "application/json")
  request.basic_auth(ENV.fetch("KOUNTA_CLIENT_ID", "fake-client-id"),
                     ENV.fetch("KOUNTA_CLIENT_SECRET", "fake-client-secret"))
  request.body = JSON.generate(body) if body
  response = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https") { |http| http.request(request) }
  return kounta(response["Location"]) if response.is_a?(Net::HTTPFound)

  response.value unless response.is_a?(Net::HTTPNotFound) # raises for every other failure
  response
end

def parsed(response) = JSON.parse(response.body)

def all_customers
  return enum_for(:all_customers) unless block_given?

  url = "#{API}/customers.json"
  while url
    page = kounta(url)
    parsed(page).each { |customer| yield customer }
    url = page["X-Next-Page"]
  end
end

def signed?(body, signature)
  expected = OpenSSL::HMAC.hexdigest("SHA256", ENV.fetch("KOUNTA_SIGNATURE_TOKEN", "fake-signature-token"), body)
  OpenSSL.secure_compare(expected, signature.to_s)
end

def receive(receiver)
  client = Timeout.timeout(60) { receiver.accept }
  head = client.gets("\r\n\r\n")
  headers = head.scan(/^([^:\r\n]+): ([^\r\n]*)/).to_h { |name, value| [name.downcase, value] }
  body = client.read(Integer(headers.fetch("content-length")))
  signed = signed?(body, headers["x-kounta-signature"])
  client.write("HTTP/1.1 #{signed ? '204 No Content' : '403 Forbidden'}\r\nConnection: close\r\n\r\n")
  client.close
  signed ? JSON.parse(body) : {}
end

receiver = TCPServer.new("127.0.0.1", 0)
address = "http://127.0.0.1:#{receiver.addr[1]}/"
kounta("#{API}/webhooks.json", method: :post, body: { topic: "customers/created", address: address, format: "json" })

found = kounta("#{API}/customers.json?#{URI.encode_www_form(email: 'ada@example.com')}")
puts "found: #{found.is_a?(Net::HTTPNotFound) ? 'nobody' : parsed(found)['id']}"
if found.is_a?(Net::HTTPNotFound)
  ada = { first_name: "Ada", email: "ada@example.com" }
  found = kounta(kounta("#{API}/customers.json", method: :post, body: ada)["Location"])
end
changed = kounta("#{API}/customers/#{parsed(found)['id']}.json", method: :put, body: { tags: ["Gold"] })
puts "tags: #{parsed(changed)['tags'].join(' ')}"
puts "customers: #{all_customers.count}"
puts "webhook: #{receive(receiver)['first_name'] == 'Ada' ? 'signed' : 'of somebody else'}"
