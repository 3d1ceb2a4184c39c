# Gives the module `record` the version and the commit of this build; the header changes, and with it
# one small file is compiled again, only when they do.
set(lmc_build_source_dir ${CMAKE_BINARY_DIR}/build_source)
add_custom_target(lmc_build_source
  COMMAND ${CMAKE_COMMAND} -D ROOT=${CMAKE_SOURCE_DIR} -D VERSION=${PROJECT_VERSION}
          -D OUT=${lmc_build_source_dir}/lmc_build_source.h
          -P ${CMAKE_SOURCE_DIR}/cmake/write_build_source.cmake
  BYPRODUCTS ${lmc_build_source_dir}/lmc_build_source.h
  VERBATIM)
add_dependencies(lmc_record lmc_build_source)
target_include_directories(lmc_record PRIVATE ${lmc_build_source_dir})
