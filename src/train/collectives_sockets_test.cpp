#include "train/collectives_sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <future>

#include "train/collectives.h"  // RankGone

namespace lmc::train {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const std::string kToken(kTokenBytes, 'k');
const std::string kForeignToken(kTokenBytes, 'f');

bool was_turned_away(const Socket& socket) {
  pollfd state = {socket.descriptor(), POLLIN, 0};
  char byte = 0;
  return ::poll(&state, 1, 5000) > 0 && ::recv(socket.descriptor(), &byte, 1, MSG_DONTWAIT) <= 0;
}

TEST(CollectivesSockets, StrangersAreTurnedAwayAndHoldNobodyUp) {
  const Socket listener = listen_at({"127.0.0.1", 0});
  const Address address = address_of(listener);
  const Deadline deadline(seconds(30));
  auto accepted = std::async(std::launch::async,
                             [&] { return accept_ranks(listener, kToken, 0, 3, deadline); });
  const Socket silent = connect_to(address, "listener", deadline);
  const Socket babbler = connect_to(address, "listener", deadline);
  const std::string request =
      "GET / HTTP/1.1\r\nHost: somewhere\r\nAccept: anything at all\r\n\r\n";
  ASSERT_GT(::send(babbler.descriptor(), request.data(), request.size(), MSG_NOSIGNAL), 0);
  EXPECT_TRUE(was_turned_away(babbler));
  const Socket foreign = connect_to(address, "listener", deadline);
  EXPECT_THAT([&] { introduce(foreign, kForeignToken, 1, 0, deadline); },
              ThrowsMessage<RankGone>(HasSubstr("rank 0: refused the connection")));
  const Socket out_of_range = connect_to(address, "listener", deadline);
  EXPECT_THROW(introduce(out_of_range, kToken, 3, 0, deadline), RankGone);

  const Socket second = connect_to(address, "listener", deadline);
  introduce(second, kToken, 2, 0, deadline);
  const Socket pretender = connect_to(address, "listener", deadline);
  EXPECT_THROW(introduce(pretender, kToken, 2, 0, deadline), RankGone) << "rank 2 is there already";
  const Socket first = connect_to(address, "listener", deadline);
  introduce(first, kToken, 1, 0, deadline);

  const std::vector<Socket> ranks = accepted.get();
  ASSERT_EQ(ranks.size(), 2U);
  char byte = 0;
  ASSERT_EQ(::send(first.descriptor(), "1", 1, 0), 1);
  ASSERT_EQ(::send(second.descriptor(), "2", 1, 0), 1);
  for (const size_t i : {0, 1}) {
    pollfd state = {ranks[i].descriptor(), POLLIN, 0};
    ASSERT_EQ(::poll(&state, 1, 5000), 1);
    ASSERT_EQ(::recv(ranks[i].descriptor(), &byte, 1, 0), 1);
    EXPECT_EQ(byte, i == 0 ? '1' : '2') << "in rank order, whoever comes first";
  }
}

TEST(CollectivesSockets, NamesWhoDidNotCome) {
  const Socket listener = listen_at({"127.0.0.1", 0});
  const Deadline deadline(std::chrono::milliseconds(50));
  EXPECT_THAT([&] { accept_ranks(listener, kToken, 1, 4, deadline); },
              ThrowsMessage<RankGone>(HasSubstr("rank 2, 3: did not come in time")));
}

TEST(CollectivesSockets, ListensOnTheGivenAddressAlone) {
  const Socket listener = listen_at({"127.0.0.1", 0});
  EXPECT_EQ(address_of(listener).host, "127.0.0.1");
  EXPECT_EQ(own_address_towards(address_of(listener)), "127.0.0.1");
}

TEST(CollectivesSockets, AnAddressWhereNobodyListensIsNamedAfterTheDeadline) {
  Address address;
  {
    const Socket listener = listen_at({"127.0.0.1", 0});
    address = address_of(listener);
  }
  EXPECT_THAT([&] { connect_to(address, "rank 0", Deadline(std::chrono::milliseconds(50))); },
              ThrowsMessage<RankGone>(HasSubstr("rank 0: cannot be reached at 127.0.0.1:")));
}

}  // namespace
}  // namespace lmc::train
