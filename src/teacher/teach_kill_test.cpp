// A run that is killed, again and again, and one that is asked to stop: nothing is lost, nothing is
// asked twice but what was in flight.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <sstream>

#include "base/interrupt.h"      // watch_for_interrupt
#include "base/random.h"         // Random
#include "record/explanation.h"  // read_ledger
#include "teacher/scripted_teacher.h"

namespace lmc::teacher {
namespace {

using std::chrono::milliseconds;

constexpr int kExitInterrupted = 130;

// Runs `teach` in a process of its own.
pid_t start_run(const TeachOptions& options, const std::vector<record::Question>& questions) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  for (int descriptor = 3; descriptor < 1024; ++descriptor) ::close(descriptor);
  watch_for_interrupt();
  int code = 1;
  try {
    std::ostringstream progress;
    const TeachResult result = ask(options, questions, progress);
    code = result.failed == 0 ? 0 : 1;
  } catch (const Interrupted&) {
    code = kExitInterrupted;
  } catch (...) {
  }
  ::_exit(code);
}

// Its exit code, or -1 when a signal ended it.
int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int count_lines(const std::string& path) {
  int count = 0;
  for_each_line(path, [&](size_t, std::string_view) { ++count; });
  return count;
}

void expect_each_question_once(const TeachOptions& options,
                               const std::vector<record::Question>& questions) {
  std::set<std::string> ids;
  for (const record::Explanation& line : record::read_ledger(options.out)) {
    EXPECT_TRUE(line.accepted) << line.question_id << " " << line.reason;
    ids.insert(line.question_id);
  }
  EXPECT_EQ(ids.size(), questions.size());
  EXPECT_EQ(count_lines(options.out), static_cast<int>(questions.size()));
}

TEST(TeachKill, KilledAtRandomAndResumed) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) {
    std::this_thread::sleep_for(milliseconds(10));
    return good_completion(number);
  });
  TeachOptions options = options_for(teacher, folder);
  options.concurrency = 8;
  const auto questions = numbered_questions(folder, 200);
  Random random(7);
  int num_kills = 0;
  for (;; ++num_kills) {
    ASSERT_LT(num_kills, 100) << "no progress";
    const pid_t child = start_run(options, questions);
    if (num_kills < 12) {
      std::this_thread::sleep_for(milliseconds(random.integer(5, 60)));
      ::kill(child, SIGKILL);
    }
    const int code = wait_for(child);
    if (code == 0) break;
    ASSERT_EQ(code, -1) << "it failed by itself";
  }
  EXPECT_GE(num_kills, 3);
  expect_each_question_once(options, questions);
  // Asked twice is at most what was in flight at a kill.
  EXPECT_LE(teacher.num_requests(), 200 + num_kills * 8);
}

// The file as a kill in the middle of a write leaves it.
TEST(TeachKill, ALineCutShortIsAskedAgain) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) { return good_completion(number); });
  const TeachOptions options = options_for(teacher, folder);
  const auto questions = numbered_questions(folder, 6);
  std::ostringstream progress;
  ask(options, questions, progress);
  const std::string whole = read_file(options.out);
  for (const size_t cut : {size_t{2}, size_t{40}}) {
    write_file(options.out, whole.substr(0, whole.size() - cut));
    EXPECT_EQ(ask(options, questions, progress).accepted, 1);
    expect_each_question_once(options, questions);
  }
  // A line that lacks its line break alone is whole.
  const int requests = teacher.num_requests();
  write_file(options.out, whole.substr(0, whole.size() - 1));
  EXPECT_EQ(ask(options, questions, progress).accepted, 0);
  EXPECT_EQ(read_file(options.out), whole);
  EXPECT_EQ(teacher.num_requests(), requests);
}

TEST(TeachKill, AStopKeepsWhatWasPaidFor) {
  const TestFolder folder;
  ScriptedTeacher teacher([](int number, int, const Json&) {
    std::this_thread::sleep_for(milliseconds(50));
    return good_completion(number);
  });
  TeachOptions options = options_for(teacher, folder);
  options.concurrency = 4;
  const auto questions = numbered_questions(folder, 40);
  const pid_t child = start_run(options, questions);
  // It has asked, so it listens to signals.
  while (teacher.num_requests() < 2) std::this_thread::sleep_for(milliseconds(5));
  ::kill(child, SIGTERM);
  EXPECT_EQ(wait_for(child), kExitInterrupted);
  // Every request that went out was waited for.
  EXPECT_EQ(count_lines(options.out), teacher.num_requests());
  EXPECT_LT(teacher.num_requests(), 40);
  std::ostringstream progress;
  EXPECT_GT(ask(options, questions, progress).accepted, 0);
  expect_each_question_once(options, questions);
}

}  // namespace
}  // namespace lmc::teacher
