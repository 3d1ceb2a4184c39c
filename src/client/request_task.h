// What a request loop works on: tasks that ask an endpoint one request after the other.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "client/completion.h"  // Completion

namespace lmc::client {

// Why a request came to no reply, and would not if it were sent again.
enum class Refusal { kUnreadableImage, kBadRequest, kTooLarge };

// "unreadable-picture", "bad-request", "too-large": as records have it.
std::string_view refusal_word(Refusal refusal);

class RequestTask {
 public:
  virtual ~RequestTask() = default;

  // The body of the next request. `with_format`: with a response_format, if it has one; some
  // servers refuse it.
  // Errors: InputError when its image cannot be read; PassingError when that may pass.
  // Threads: any one at a time.
  virtual std::string next_request(bool with_format) const = 0;

  // Takes the reply to it. True: the task is finished.
  virtual bool take(const Completion& reply) = 0;

  // Takes that there is none, which finishes the task. `words`: what there is to say.
  // Errors: PassingError when what stands in the way may pass, which ends the run before it is
  // noted down.
  virtual void refuse(Refusal refusal, const std::string& words) = 0;

  // Whether what was taken so far is worth a finish() when the loop must stop.
  virtual bool is_worth_keeping() const { return false; }

  // Keeps what came of it; called once, and not for a task that failed.
  // Errors: InputError when it cannot be kept.
  virtual void finish() = 0;
};

class RequestWork {
 public:
  virtual ~RequestWork() = default;
  virtual size_t size() const = 0;
  // Begins task number `index`; each once, in order.
  virtual std::unique_ptr<RequestTask> begin(size_t index) = 0;
  // Returns when the disk has what finished tasks kept.
  virtual void sync() = 0;
  // What of it the progress line says, such as "3 accepted, 1 rejected"; may be empty.
  virtual std::string standing() const { return {}; }
};

}  // namespace lmc::client
