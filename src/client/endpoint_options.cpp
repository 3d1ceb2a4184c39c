#include "client/endpoint_options.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "base/ascii_case.h"  // lower_case
#include "base/check.h"       // InputError, cat
#include "base/files.h"       // read_file
#include "base/utf8_edges.h"  // without_last_break
#include "net/address.h"      // shown_url

namespace lmc::client {

namespace {

std::string key_from_environment(const std::string& variable) {
  const char* key = std::getenv(variable.c_str());
  if (key == nullptr || *key == '\0') {
    throw InputError("--api-key-env", cat("the environment has no variable ", variable));
  }
  return without_last_break(key);
}

std::string key_from_file(const std::string& path) {
  std::string key = without_last_break(read_file(path));
  if (key.empty()) throw InputError(path, "the file of the key is empty");
  return key;
}

// One key for the one endpoint, or one each: a key is never sent to a server it was not named for.
std::vector<std::string> keys(const EndpointOptions& options) {
  if (!options.api_key_env.empty() && !options.api_key_file.empty()) {
    throw InputError("--api-key-file", "--api-key-env is given too", "give one of the two");
  }
  std::vector<std::string> keys;
  for (const std::string& name : options.api_key_env) keys.push_back(key_from_environment(name));
  for (const std::string& path : options.api_key_file) keys.push_back(key_from_file(path));
  if (keys.empty()) keys.resize(options.endpoint.size());
  if (keys.size() != options.endpoint.size()) {
    throw InputError("--api-key-env",
                     cat("expected one key for each of the ", options.endpoint.size(),
                         " endpoints, found ", keys.size()));
  }
  return keys;
}

// One header for all, or one for each endpoint. Checked, as a value with a line break or a colon
// would be more than a name.
std::string key_header(const EndpointOptions& options, size_t endpoint) {
  const std::vector<std::string>& all = options.api_key_header;
  if (all.empty()) return ApiKey().header;
  if (all.size() != 1 && all.size() != options.endpoint.size()) {
    throw InputError("--api-key-header",
                     cat("expected one name, or one for each of the ", options.endpoint.size(),
                         " endpoints, found ", all.size()));
  }
  std::string name = all[all.size() == 1 ? 0 : endpoint];
  const bool is_token = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  });
  if (!is_token) {
    throw InputError("--api-key-header", cat("expected a header's name, found \"", name, "\""),
                     "for example api-key");
  }
  return lower_case(name) == "authorization" ? ApiKey().header : name;
}

}  // namespace

EndpointOptions without_secrets(EndpointOptions options) {
  for (std::string& url : options.endpoint) url = net::shown_url(url);
  return options;
}

std::vector<Field> EndpointOptions::endpoint_fields() {
  // How a model is reached decides no reply.
  return {
      {"endpoint",
       "base URL of an OpenAI-compatible server, or the whole one; a query stays at its end; "
       "several share the work",
       free_to_change(as_url(&endpoint))},
      {"api-key-env", "environment variable with the key; one for each endpoint",
       free_to_change(&api_key_env)},
      {"api-key-file", "file with the key; one for each endpoint",
       free_to_change(as_file(&api_key_file))},
      {"api-key-header",
       "header that takes the key, such as Azure's api-key; default: Authorization, as a bearer "
       "token",
       free_to_change(&api_key_header)},
      {"ca-file", "certificates (PEM) to trust instead of the system's",
       free_to_change(as_file(&ca_file))},
      {"allow-upload", "images and questions may leave this machine",
       free_to_change(&allow_upload)},
      {"concurrency", "most requests in flight at each endpoint; fewer while it fails",
       free_to_change(&concurrency), at_least(1)},
      {"retries", "tries after a failed one", free_to_change(&retries), at_least(0)},
      {"retry-wait", "seconds before the first retry; doubles each time",
       free_to_change(&retry_wait), at_least(0)},
      {"timeout", "seconds a request may take", free_to_change(&timeout), at_least(0.001)},
      {"stream", "have replies sent in pieces, where a proxy cuts off what is silent for long",
       free_to_change(&stream)},
      {"extra",
       "JSON object added to every request, such as {\"top_p\": 0.9}; null leaves a member out: "
       "{\"max_tokens\": null, \"max_completion_tokens\": 2000}",
       &extra},
  };
}

std::vector<std::string> other_hosts(const EndpointOptions& options) {
  std::vector<std::string> hosts;
  for (const std::string& url : options.endpoint) {
    const EndpointUrl parsed = EndpointUrl::parse(url, "--endpoint");
    if (!parsed.is_loopback()) hosts.push_back(parsed.host());
  }
  return hosts;
}

void check_endpoints(const EndpointOptions& options) {
  if (options.endpoint.empty()) throw InputError("--endpoint", "no URL is given");
  const std::vector<std::string> hosts = other_hosts(options);
  if (hosts.empty() || options.allow_upload) return;
  throw InputError("--endpoint",
                   cat("images and questions would leave this machine for ", hosts.front()),
                   "add --allow-upload if they may");
}

Json extra_members(const EndpointOptions& options) {
  if (options.extra.empty()) return Json::object();
  Json extra = parse_json(options.extra, "--extra");
  if (!extra.is_object()) fail_json_type("--extra", "", "object", extra);
  if (extra.contains("messages")) {
    throw InputError("--extra", "\"messages\" are made of the question", "see --prompts");
  }
  // Null is for servers that know the model by their address.
  if (extra.contains("model") && !extra["model"].is_null()) {
    throw InputError("--extra", "the model is named by --model");
  }
  return extra;
}

std::vector<Endpoint> endpoints(const EndpointOptions& options) {
  std::vector<Endpoint> endpoints;
  const std::vector<std::string> all_keys = keys(options);
  for (size_t i = 0; i < options.endpoint.size(); ++i) {
    endpoints.emplace_back(EndpointUrl::parse(options.endpoint[i], "--endpoint"),
                           ApiKey{all_keys[i], key_header(options, i)}, options.concurrency,
                           options.retry_wait);
  }
  return endpoints;
}

}  // namespace lmc::client
