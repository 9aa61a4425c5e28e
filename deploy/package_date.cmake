# Read by cpack: a package that is made twice is the same twice.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/debian/changelog stamps REGEX "^ -- ")
  list(GET stamps 0 stamp)
  string(REGEX REPLACE ".*>  " "" stamp "${stamp}")
  execute_process(COMMAND date --utc --date ${stamp} +%s
    OUTPUT_VARIABLE epoch OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(ENV{SOURCE_DATE_EPOCH} ${epoch})
endif()
