// This names a person's mistake in a JSON text in words that JSON's grammar does not use: a comma
// too many or too few, a comment of another language, quotes of the wrong kind.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bearer::base {

/// `offset` is where a reader of JSON with // comments gave up, from 0. Empty where the mistake is
/// none of the usual ones. None of the text's own words is in it: they may be a secret.
std::string json_mistake(std::string_view text, std::size_t offset);

}  // namespace bearer::base
