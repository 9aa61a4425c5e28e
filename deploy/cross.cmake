# The toolchain of `make package ARCH=arm64`: Debian's own cross compiler, and its multiarch libraries
# of that architecture. What is built runs here by qemu-user, where that is installed.
set(BEARER_ARCH arm64 CACHE STRING "Debian's name of the architecture that is built for")
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES BEARER_ARCH)
execute_process(COMMAND dpkg-architecture -a${BEARER_ARCH} -qDEB_HOST_GNU_TYPE
  OUTPUT_VARIABLE triplet OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND dpkg-architecture -a${BEARER_ARCH} -qDEB_HOST_GNU_CPU
  OUTPUT_VARIABLE cpu OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${cpu})
set(CMAKE_CXX_COMPILER ${triplet}-g++)
set(CMAKE_LIBRARY_ARCHITECTURE ${triplet})
set(CMAKE_FIND_ROOT_PATH /usr/${triplet} /)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${BEARER_ARCH})
# Where these are not, pkg-config finds those of this machine, which are of another architecture.
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/${triplet}/pkgconfig:/usr/share/pkgconfig)
find_program(CMAKE_CROSSCOMPILING_EMULATOR NAMES qemu-${cpu}-static qemu-${cpu} REQUIRED)
