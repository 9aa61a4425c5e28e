#include "wire/reply.h"

#include "base/json.h"
#include "http/message.h"

namespace bearer::wire {

std::string status_line(int status) {
  std::string line = "HTTP/1.1 " + std::to_string(status) + " ";
  return line.append(http::reason_phrase(status)).append("\r\n");
}

void end_head(std::string& message, bool close, std::string_view body) {
  message.append(close ? "Connection: close\r\n\r\n" : "\r\n").append(body);
}

std::string problem_details(std::string_view type, int status, std::string_view detail,
                            std::string_view more) {
  std::string out = "{\"type\":";
  base::append_json_string(out, type);
  out += ",\"title\":";
  base::append_json_string(out, http::reason_phrase(status));
  out += ",\"status\":" + std::to_string(status) + ",\"detail\":";
  base::append_json_string(out, detail);
  return out.append(more).append("}\n");
}

}  // namespace bearer::wire
