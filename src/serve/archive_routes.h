// What the clinician's page asks of the hospital's archive, through this server: GET below
// /v1/archive/ lists and fetches, POST /v1/archive/report files an answer. docs/SERVER.md has the
// bodies.
//
// The archive is the one that `serve --dicomweb` names. What it says of a patient is passed on to the
// page, which asked for it, and neither kept nor logged.
// Threads: any.
// Errors: ApiError: 400 for a request, 404 without an archive, 502 for what the archive does.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "archive/dicomweb.h"  // Archive
#include "net/http_server.h"   // ServerReply, ServerRequest

namespace lmc::serve {

class ArchiveRoutes {
 public:
  // The archive may be null: every request is then answered 404. `model` is named in reports.
  ArchiveRoutes(std::shared_ptr<const archive::Archive> archive, std::string model);

  // The path below "/v1/archive/": studies; studies/<uid>/series; studies/<uid>/series/<uid>/instances,
  // and the same with /<uid> behind it for a DICOM file.
  net::ServerReply get(std::string_view path, std::string_view query) const;
  net::ServerReply report(std::string_view body) const;

 private:
  const archive::Archive& archive() const;

  std::shared_ptr<const archive::Archive> archive_;
  std::string model_;
};

}  // namespace lmc::serve
