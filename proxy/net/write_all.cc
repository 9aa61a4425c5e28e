#include "net/write_all.h"

#include <array>

#include "net/outbox.h"

namespace bearer::net {

Task<Written> write_all(Stream& stream, Wait wait, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::array parts = {part(bytes)};
    const Io io = stream.write(parts);
    if (io.ok()) {
      bytes.remove_prefix(io.bytes);
      continue;
    }
    if (!io.blocked()) co_return Written::broken;
    const Wake woke = co_await wait.next();
    if (woke == Wake::peer_closed) co_return Written::left;
    if (woke == Wake::timed_out) co_return Written::late;
  }
  co_return Written::whole;
}

}  // namespace bearer::net
