#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"
#include "config/build.h"
#include "config/checks.h"
#include "http/chars.h"
#include "http/fields.h"
#include "http/hop_by_hop.h"

namespace bearer::config {
namespace {

using relay::FixedField;
using relay::RouteOptions;

constexpr std::size_t kFixedBytesMax = 16u << 10;  // servers take heads of 8 to 64 KiB

constexpr const char* kBound =
    " frames, routes or identifies a single message, and cannot be the same in all of them";

std::string read_auth_field(const Typed& typed) {
  const std::string name = typed.text("auth-field");
  if (!http::is_token(name)) {
    typed.problem("auth-field", name, "not a field's name; write Authorization or X-Api-Token");
  } else if (http::bound_to_message(name)) {
    typed.problem("auth-field", name, name + kBound);
  }
  return name;
}

void read_address_fields(const Typed& typed, RouteOptions& options) {
  options.address_fields = typed.texts("address-field");
  for (const std::string& name : options.address_fields) {
    if (!http::is_token(name)) {
      typed.problem("address-field", name, "not a field's name; write X-Next-Page");
    } else if (http::bound_to_message(name)) {
      typed.problem("address-field", name, name + " frames or routes a message");
    }
  }
}

std::string read_auth_scheme(const Typed& typed) {
  const std::string scheme = typed.text("auth-scheme");
  const bool printable = std::ranges::all_of(scheme, [](char c) { return c >= ' ' && c <= '~'; });
  if (!printable || base::trim(scheme).size() != scheme.size()) {
    typed.problem("auth-scheme", scheme,
                  "holds a character other than visible ASCII, or a space at an end; write Bearer, "
                  "or nothing where the token stands alone");
  }
  return scheme;
}

/// Returns why the field must not be written into every request; empty if it may.
std::string why_refused(const FixedField& field, const RouteOptions& options) {
  if (base::iequals(field.name, options.auth_field))
    return field.name + " carries the token; see auth_field";
  if (http::bound_to_message(field.name)) return field.name + kBound;
  if (options.rewrite_body_links != relay::BodyLinks::off &&
      base::iequals(field.name, "accept-encoding"))
    return field.name + " is set by rewrite_body_links, for links in compressed bodies stay";
  const bool twice = std::ranges::any_of(options.fixed_fields, [&](const FixedField& other) {
    return base::iequals(other.name, field.name);
  });
  return twice ? field.name + " is given twice" : "";
}

std::size_t bytes_of(const std::vector<FixedField>& fields) {
  std::size_t bytes = 0;
  for (const FixedField& field : fields) bytes += field.name.size() + field.value.reveal().size();
  return bytes;
}

/// Adds the field of that line. `where` names the line in a problem: `line 2: `, or nothing.
void add_field(const Typed& typed, std::string_view setting, const std::string& text,
               std::string_view line, const std::string& where, RouteOptions& options) {
  const http::WrittenField written = http::read_written_field(line);
  if (!written.wrong.empty()) return typed.problem(setting, text, where + written.wrong);
  FixedField field{std::string(written.name), base::Secret(std::string(written.value))};
  const std::string refused = why_refused(field, options);
  if (!refused.empty()) return typed.problem(setting, text, where + refused);
  options.fixed_fields.push_back(std::move(field));
}

void add_file(const Typed& typed, const std::string& path, const Surroundings& around,
              RouteOptions& options) {
  base::Result<std::string> content = around.files.read(path);
  if (!content) {
    return typed.problem("set-header-file", path,
                         "the file cannot be read: " + content.error().detail);
  }
  const std::size_t before = options.fixed_fields.size();
  for (const http::WrittenLine& line : http::written_lines(*content)) {
    add_field(typed, "set-header-file", path, line.text,
              "line " + std::to_string(line.number) + ": ", options);
  }
  if (options.fixed_fields.size() == before) {
    typed.problem("set-header-file", path, "holds no field that can be set; write Name: value");
  }
  base::wipe(*content);
}

}  // namespace

void read_own_fields(const Typed& typed, const Surroundings& around, RouteOptions& options) {
  options.auth_field = read_auth_field(typed);
  read_address_fields(typed, options);
  options.auth_scheme = read_auth_scheme(typed);
  for (const std::string& text : typed.texts("set-header"))
    add_field(typed, "set-header", text, text, "", options);
  options.fixed_field_files = typed.texts("set-header-file");
  for (const std::string& path : options.fixed_field_files) add_file(typed, path, around, options);
  if (bytes_of(options.fixed_fields) > kFixedBytesMax) {
    const bool file = typed.has("set-header-file");
    typed.problem(file ? "set-header-file" : "set-header", "",
                  "the fields are longer than 16 KiB together, which servers refuse");
  }
}

}  // namespace bearer::config
