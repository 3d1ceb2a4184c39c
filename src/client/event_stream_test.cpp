#include "client/event_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace lmc::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "type|data" of each event.
std::vector<std::string> events_of(std::string_view body) {
  std::vector<std::string> events;
  for_each_event(body, [&](const StreamEvent& event) {
    events.push_back(event.type + "|" + event.data);
    return true;
  });
  return events;
}

// The examples of the standard, section 9.2.6.
TEST(EventStream, TheStandardsExamples) {
  EXPECT_THAT(events_of("data: YHOO\ndata: +2\ndata: 10\n\n"), ElementsAre("|YHOO\n+2\n10"));
  EXPECT_THAT(events_of(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
                        "data:  third event\n\n"),
              ElementsAre("|first event", "|second event", "| third event"));
  EXPECT_THAT(events_of("data\n\ndata\ndata\n\n"), ElementsAre("|", "|\n"));
  EXPECT_THAT(events_of("data:test\n\ndata: test\n\n"), ElementsAre("|test", "|test"));
}

TEST(EventStream, EveryLineBreakAndAMark) {
  EXPECT_THAT(events_of("\xEF\xBB\xBF"
                        "data: a\r\n\r\ndata: b\r\rdata: c\r\ndata: d\n\r\n"),
              ElementsAre("|a", "|b", "|c\nd"));
}

TEST(EventStream, TypesAndErrors) {
  EXPECT_THAT(events_of("event: error\ndata: {}\n\ndata: x\n\nerror: {\"code\":500}\n\n"),
              ElementsAre("error|{}", "|x", "error|{\"code\":500}"));
  EXPECT_THAT(events_of("event: ping\n\nretry: 3\n\n:\n\n"), IsEmpty());
}

TEST(EventStream, AnEventAtTheBodysEnd) {
  EXPECT_THAT(events_of("data: a\n\ndata: b"), ElementsAre("|a", "|b"));
  EXPECT_THAT(events_of("data: a\n"), ElementsAre("|a"));
  EXPECT_THAT(events_of(""), IsEmpty());
}

TEST(EventStream, TheVisitorMayStop) {
  int visits = 0;
  for_each_event("data: a\n\ndata: b\n\ndata: c", [&](const StreamEvent& event) {
    ++visits;
    return event.data != "b";
  });
  EXPECT_EQ(visits, 2);
}

}  // namespace
}  // namespace lmc::client
