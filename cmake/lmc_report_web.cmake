# Embeds the scripts and style sheets of src/report/web into the module `report`, whose web.h names
# them: one source file, written again when one of them changes.
set(lmc_web_files page.css audit.css review.css items.js review.js)
list(TRANSFORM lmc_web_files PREPEND ${CMAKE_SOURCE_DIR}/src/report/web/)
set(lmc_web_source ${CMAKE_BINARY_DIR}/report_web/report_web.cpp)
add_custom_command(
  OUTPUT ${lmc_web_source}
  COMMAND ${CMAKE_COMMAND} -D ROOT=${CMAKE_SOURCE_DIR} -D OUT=${lmc_web_source}
          -P ${CMAKE_SOURCE_DIR}/cmake/write_report_web.cmake
  DEPENDS ${lmc_web_files} ${CMAKE_SOURCE_DIR}/cmake/write_report_web.cmake
  VERBATIM)
target_sources(lmc_report PRIVATE ${lmc_web_source})
