// Fields as a person writes them: `Name: value`, in a setting or as a line of a file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "relay/options.h"

namespace bearer::config {

/// True for what may stand before a colon (RFC 9110 section 5.1).
bool is_field_name(std::string_view text);

/// A line of a file that says something: no blanks alone, no comment after `#`.
struct FileLine {
  std::string_view text;
  std::string where;  ///< `line 2: `, the start of a problem
};
std::vector<FileLine> field_lines(std::string_view content);

/// Blanks around the value, and a CR at the line's end, are left out. An error's detail names the
/// field where it has a name, and never shows the value.
base::Result<relay::FixedField> parse_field_line(std::string_view line);

}  // namespace bearer::config
