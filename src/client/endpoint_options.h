// How the servers behind OpenAI-compatible endpoints are reached: options shared by all that ask
// them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"        // InputError, cat
#include "base/fields.h"       // Field, Json
#include "client/endpoint.h"   // Endpoint
#include "client/image_url.h"  // DicomPixels

namespace lmc::client {

struct EndpointOptions {
  std::vector<std::string> endpoint;
  std::vector<std::string> api_key_env;
  std::vector<std::string> api_key_file;
  std::vector<std::string> api_key_header;
  std::string ca_file;
  bool allow_upload = false;
  int64_t concurrency = 64;
  int64_t retries = 6;
  double retry_wait = 1;
  double timeout = 600;
  bool stream = false;
  std::string extra;

  std::vector<Field> endpoint_fields();
};

// Pixels of DICOM files leave this process only where uploads are allowed, be it to this machine.
inline DicomPixels dicom_pixels(const EndpointOptions& options) {
  return options.allow_upload ? DicomPixels::kSent : DicomPixels::kRefused;
}

// The options as they may be kept and shown: a URL may hold a key.
EndpointOptions without_secrets(EndpointOptions options);

// The hosts of endpoints that are not on this machine.
// Errors: InputError when a URL is none.
std::vector<std::string> other_hosts(const EndpointOptions& options);

// Errors: InputError naming the option. Also refuses an endpoint that is not on this machine,
// unless uploads are allowed.
void check_endpoints(const EndpointOptions& options);

// What `extra` adds to every request; null leaves a member out.
// Errors: InputError when it is no JSON object, or names what the program itself decides.
Json extra_members(const EndpointOptions& options);

// Ready to be sent to, with their keys.
// Errors: InputError when a key is missing.
std::vector<Endpoint> endpoints(const EndpointOptions& options);

}  // namespace lmc::client
