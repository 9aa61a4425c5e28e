#include "relay/body/close_sight.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "net/buffer.h"
#include "relay/body/body_source.h"
#include "tests/support/scripted_stream.h"

using namespace bearer;

namespace {

using test::ScriptedStream;
using Status = relay::Body::Status;

std::string bytes(std::initializer_list<unsigned> values) {
  std::string text;
  for (const unsigned value : values) text += static_cast<char>(value);
  return text;
}

const std::string kText = bytes({0x81, 2}) + "hi";
const std::string kPing = bytes({0x89, 0});
const std::string kMaskedText = bytes({0x81, 0x83, 1, 2, 3, 4}) + "\x88\x02\x03";
const std::string kClose = bytes({0x88, 2, 0x03, 0xe8});
const std::string kMaskedClose = bytes({0x88, 0x82, 9, 8, 7, 6, 0x0a, 0xe0});
const std::string kMedium = bytes({0x82, 126, 0x01, 0x00}) + std::string(256, '\x88');
const std::string kLarge = bytes({0x02, 127, 0, 0, 0, 0, 0, 1, 0, 0}) + std::string(65'536, '\x88');

/// A direction of a WebSocket that gives these pieces.
class Side {
 public:
  void give(std::string_view piece) { stream.give(piece); }
  /// What passed, as far as it has come.
  std::string pull() {
    std::string passed;
    for (Status status = Status::more; status == Status::more;) {
      relay::Gather gather;
      status = sight.pull(stream, rest_, scratch_, gather);
      for (const iovec& part : gather.data()) {
        passed.append(static_cast<const char*>(part.iov_base), part.iov_len);
      }
    }
    return passed;
  }

  ScriptedStream stream;

 private:
  net::Buffer rest_;
  std::vector<char> scratch_ = std::vector<char>(1u << 20);
  relay::BodySource source_{http::Framing{http::Framing::Kind::until_close, 0}};

 public:
  relay::CloseSight sight{source_};
};

}  // namespace

TEST_CASE("a Close is seen once all of it has passed, after whatever frames and in any pieces") {
  for (const std::string& before :
       {std::string(), kText, kPing + kText, kMaskedText, kMedium, kLarge + kPing}) {
    for (const std::string& close : {kClose, kMaskedClose, bytes({0x88, 0})}) {
      CAPTURE(before.size());
      CAPTURE(close.size());
      Side whole;
      whole.give(before + close + "rest");
      CHECK(whole.pull() == before + close + "rest");
      CHECK(whole.sight.closed());

      Side slow;
      const std::string all = before + close;
      const std::size_t step = all.size() > 1000 ? 97 : 1;
      for (std::size_t at = 0; at + 1 < all.size(); at += step) {
        slow.give(std::string_view(all).substr(at, std::min(step, all.size() - 1 - at)));
        slow.pull();
      }
      CHECK_FALSE(slow.sight.closed());
      slow.give(std::string_view(all).substr(all.size() - 1));
      slow.pull();
      CHECK(slow.sight.closed());
    }
  }
}

TEST_CASE("what merely looks like a Close is none") {
  for (const std::string& data :
       {kText, kMaskedText, kMedium, kLarge, kClose.substr(0, 3), kMaskedClose.substr(0, 7),
        bytes({0x83, 0}) + kClose,             // no frame has that opcode
        "GET / HTTP/1.1\r\n\r\n" + kClose}) {  // nor do other bytes have any
    CAPTURE(data.size());
    Side side;
    side.give(data);
    CHECK(side.pull() == data);
    CHECK_FALSE(side.sight.closed());
  }
}

TEST_CASE("of a frame only the payload need not be seen, and of other bytes nothing") {
  Side side;
  CHECK(side.sight.unseen() == 0);
  side.give(kLarge.substr(0, 10));
  side.pull();
  CHECK(side.sight.unseen() == 65'536);
  side.sight.pass(65'000);
  CHECK(side.sight.unseen() == 536);
  side.give(kLarge.substr(10 + 65'000) + kClose);
  side.pull();
  CHECK(side.sight.closed());
  CHECK(side.sight.unseen() > 1u << 30);  // whatever follows

  Side other;
  other.give("SSH-2.0-x\r\n");
  other.pull();
  CHECK(other.sight.unseen() > 1u << 30);
}
