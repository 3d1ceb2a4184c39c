// A missing image, told from a missing folder.
//
// A set may lack some of its images: such a question is noted down and the run goes on. A folder
// that was moved or is not mounted lacks all of them, and what would be noted down then would stay
// wrong when it is back.
// Threads: any.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "record/question.h"  // Question

namespace lmc::record {

// So many different images, one question after the other, are no accident of single files.
inline constexpr size_t kPatienceWithImages = 25;

// To be called before it is noted down that the image of question `at` of `count` cannot be read.
// Returns when it can be opened, or one of the images of the questions behind it and, towards the
// end, before it; `image_of` gives their paths, empty for none.
// Errors: PassingError when kPatienceWithImages different ones, or all there are, are away.
void check_images_are_there(size_t count, size_t at,
                            const std::function<std::string(size_t question)>& image_of);

void check_images_are_there(std::span<const Question> questions, size_t at);

}  // namespace lmc::record
