// The tasks of `teach`: every question of the list, and its line in the ledger.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "client/image_url.h"     // ImageUrlCache
#include "client/request_task.h"  // RequestWork, RequestTask
#include "teacher/ledger.h"       // Ledger
#include "teacher/teach.h"        // TeachResult
#include "teacher/work_list.h"    // WorkList

namespace lmc::teacher {

class TeachWork : public client::RequestWork {
 public:
  // All must outlive it. Finished questions are added to `result`.
  TeachWork(WorkList& list, Ledger& ledger, const client::ImageUrlCache& images,
            int64_t max_image_area, TeachResult& result);

  size_t size() const override { return list_.size(); }
  std::unique_ptr<client::RequestTask> begin(size_t index) override;
  void sync() override { ledger_.sync(); }
  std::string standing() const override;  // "3 accepted, 1 rejected"

 private:
  class Question;

  WorkList& list_;
  Ledger& ledger_;
  const client::ImageUrlCache& images_;
  int64_t max_image_area_;
  TeachResult& result_;
};

}  // namespace lmc::teacher
