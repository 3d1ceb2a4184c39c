#include "teacher/teach_work.h"

#include <utility>

#include "base/check.h"  // cat

namespace lmc::teacher {

class TeachWork::Question : public client::RequestTask {
 public:
  Question(SamplingTask sampling_task, size_t index, TeachWork& work)
      : inquiry_(std::move(sampling_task)), index_(index), work_(work) {}

  std::string next_request(bool with_format) const override {
    const record::Question& question = inquiry_.question();
    return inquiry_.next_request(
        work_.images_.get(question.image, question.image_sha256, work_.max_image_area_),
        with_format);
  }

  bool take(const client::Completion& reply) override { return inquiry_.take(reply); }

  void refuse(client::Refusal refusal, const std::string& words) override {
    if (refusal == client::Refusal::kUnreadableImage) work_.list_.check_images_are_there(index_);
    inquiry_.reject(std::string(client::refusal_word(refusal)), words);
  }

  bool is_worth_keeping() const override { return inquiry_.has_accepted(); }

  void finish() override {
    const record::Explanation line = inquiry_.line();
    work_.ledger_.append(line);
    work_.result_.add(line);
  }

 private:
  SamplingTask inquiry_;
  size_t index_;  // in the list
  TeachWork& work_;
};

TeachWork::TeachWork(WorkList& list, Ledger& ledger, const client::ImageUrlCache& images,
                     int64_t max_image_area, TeachResult& result)
    : list_(list),
      ledger_(ledger),
      images_(images),
      max_image_area_(max_image_area),
      result_(result) {}

std::unique_ptr<client::RequestTask> TeachWork::begin(size_t index) {
  return std::make_unique<Question>(list_.sampling_task(index), index, *this);
}

std::string TeachWork::standing() const {
  return cat(result_.accepted, " accepted, ", result_.num_rejected(), " rejected");
}

}  // namespace lmc::teacher
