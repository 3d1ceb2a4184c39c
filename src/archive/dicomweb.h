// The hospital's own archive over DICOMweb: lists studies, series and instances (QIDO-RS), fetches
// DICOM files (WADO-RS) and files new ones (STOW-RS).
//
// It speaks to the one address that the user named and to no other: redirects are not followed, and
// only UIDs and what the user typed become part of a URL. What the archive says of a patient goes
// to the caller and nowhere else: no error line quotes a reply.
// Source: DICOM PS3.18 sections 10.4 to 10.6.
// Errors: InputError naming the archive and its status; of a reply the status alone.
// Threads: any; each call has a connection of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"    // LargeJson
#include "net/address.h"  // Address

namespace lmc::archive {

struct ArchiveOptions {
  std::string url;                            // "http://pacs:8042/dicom-web"
  std::string authorization;                  // of the header field; empty: none
  std::chrono::milliseconds timeout{60'000};  // of each request
  size_t max_file_bytes = size_t{512} << 20;
  size_t max_list_bytes = size_t{32} << 20;
};

// What to look for; empty: anything. Names may hold * and ?.
struct StudyQuery {
  std::string patient_name;
  std::string patient_id;
  std::string date;      // 20260131, or 20260101-20260131
  std::string modality;  // "CT"
  int64_t limit = 50;
  int64_t offset = 0;
};

struct Study {
  std::string uid;
  std::string date;
  std::string time;
  std::string description;
  std::string patient_name;
  std::string patient_id;
  std::vector<std::string> modalities;
  int64_t num_instances = 0;
};

struct Series {
  std::string uid;
  std::string modality;
  std::string description;
  int64_t number = 0;
  int64_t num_instances = 0;
};

struct Instance {
  std::string uid;
  std::string sop_class;
  int64_t number = 0;
  int64_t frames = 1;
  int64_t rows = 0;  // 0: it is no image, or the archive does not say
  int64_t columns = 0;
};

// Where an instance lies.
struct InstancePath {
  std::string study;
  std::string series;
  std::string instance;
};

class Archive {
 public:
  // Errors: InputError for an address that is none, or holds a secret.
  explicit Archive(ArchiveOptions options);

  std::vector<Study> studies(const StudyQuery& query) const;
  std::vector<Series> series(const std::string& study) const;
  std::vector<Instance> instances(const std::string& study, const std::string& series) const;

  // A DICOM file, in the transfer syntax it is kept in.
  std::string fetch(const InstancePath& path) const;

  // Its attributes without bulk data, in the DICOM JSON model.
  LargeJson metadata(const InstancePath& path) const;

  // Files a DICOM file.
  void store(const std::string& dicom_file) const;

  // For messages, without what a query may hold.
  std::string name() const;

 private:
  struct Reply;
  Reply ask(const std::string& path_and_query, const std::string& accept, size_t max_bytes) const;
  std::vector<LargeJson> list(const std::string& path_and_query) const;
  std::string base_url() const;

  ArchiveOptions options_;
  net::Address address_;
};

}  // namespace lmc::archive
