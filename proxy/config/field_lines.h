// Fields as a person writes them: `Name: value`, in a setting or as a line of a file.
#pragma once

#include <string_view>

#include "base/result.h"
#include "relay/options.h"

namespace bearer::config {

/// True for what may stand before a colon (RFC 9110 section 5.1).
bool is_field_name(std::string_view text);

/// True for a line of a file that says nothing: blanks, a comment after `#`.
bool is_blank_line(std::string_view line);

/// Blanks around the value, and a CR at the line's end, are left out. An error's detail names the
/// field where it has a name, and never shows the value.
base::Result<relay::FixedField> parse_field_line(std::string_view line);

}  // namespace bearer::config
