// Explains a person's mistake in a JSON text in everyday words: a comma too many or too few, a
// comment of another language, quotes of the wrong kind.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bearer::base {

/// `offset` is where a parser of JSON with // comments stopped, from 0. Empty if it is not a usual
/// mistake. The result quotes nothing from the text, which may be a secret.
std::string json_mistake(std::string_view text, std::size_t offset);

}  // namespace bearer::base
