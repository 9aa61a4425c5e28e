// Where a file really lies.
#pragma once

#include <string>

namespace bearer::token {

/// What `path` leads to, through every symbolic link, also where there is no such file yet, or no
/// such directory. `path` itself where that cannot be told: links in a circle.
std::string without_links(const std::string& path);

/// `.` of a bare name.
std::string directory_of(const std::string& path);

}  // namespace bearer::token
