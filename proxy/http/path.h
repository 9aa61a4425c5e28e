// Paths and the prefixes that they are held to: which route takes a path, what it becomes at the
// upstream, and whether it would get out of its prefix there. Paths are compared as they came, byte
// for byte, and never normalised; only path_leaves() looks through encodings.
//
// A prefix begins with `/` or is empty. It stands for whole segments: `/crm` and `/crm/` are the
// same, take `/crm` and `/crm/x`, and leave `/crmx`.
#pragma once

#include <string>
#include <string_view>

namespace bearer::http {

/// `path_and_query` begins with `/`, or is empty, a bare query or `*`: those belong to the root.
/// Allocates nothing.
bool path_has_prefix(std::string_view path_and_query, std::string_view prefix);

/// What follows the prefix: empty, `*`, or begins with `/` or `?`.
/// REQUIRES: path_has_prefix(path_and_query, prefix).
std::string_view after_prefix(std::string_view path_and_query, std::string_view prefix);

/// True if a server might read dot segments in the path that lead above the prefix. Servers differ
/// in what they read, so every reading counts: `%2e` is a dot; `\`, `%2f` and `%5c` separate; what
/// follows a `;` in a segment is dropped; empty segments are merged; and encodings may be encoded
/// again (`%252e`). Allocates nothing.
/// REQUIRES: path_has_prefix(path_and_query, prefix).
bool path_leaves(std::string_view path_and_query, std::string_view prefix);

/// What the path means to a server that reads as much into it as any does: percent-encodings
/// decoded (those of encodings too), `\` taken for `/`, a segment's `;parameters` dropped, slashes
/// merged, dot segments resolved. For rules about paths, never for sending. Begins with `/`.
std::string plain_path(std::string_view path_and_query);

/// True if a server might read a path under `prefix`, which is plain. Beside a `..` servers differ
/// in which names before it are left: there the prefix's names in their order are enough, whatever
/// stands between them. `/a%2fb/../admin` is `/a/admin` to one and `/admin` to another.
bool path_may_reach(std::string_view path_and_query, std::string_view prefix);

/// The target to be sent: `base_path`, then `path_and_query` (from after_prefix(), or a target of
/// the client's), with exactly one slash at the seam and nothing else changed. `/` if both are
/// empty. `*`, which speaks of the whole server, becomes the base path where there is one.
/// `base_path` is a prefix too and has no query. Appends to `out`: a head is written in place.
void append_target(std::string& out, std::string_view base_path, std::string_view path_and_query);

}  // namespace bearer::http
