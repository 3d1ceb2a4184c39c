# Embeds scripts and style sheets: those of src/report/web into the module `report`, whose web.h names
# them, and those of src/serve/page into `serve`, which serves them (page_files.h). One source file
# each, written again when one of the files changes.
function(lmc_embed module script)
  set(source ${CMAKE_BINARY_DIR}/web/${module}_web.cpp)
  set(files ${ARGN})
  list(TRANSFORM files PREPEND ${CMAKE_SOURCE_DIR}/src/)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -D ROOT=${CMAKE_SOURCE_DIR} -D OUT=${source} "-DFILES=${ARGN}"
            -P ${CMAKE_SOURCE_DIR}/cmake/${script}
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/${script} ${CMAKE_SOURCE_DIR}/cmake/web_literal.cmake
    VERBATIM)
  target_sources(lmc_${module} PRIVATE ${source})
endfunction()

lmc_embed(report write_report_web.cmake report/web/palette.css report/web/page.css report/web/audit.css
          report/web/review.css report/web/items.js report/web/review.js)

file(GLOB lmc_page_files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src
     ${CMAKE_SOURCE_DIR}/src/serve/page/*.html ${CMAKE_SOURCE_DIR}/src/serve/page/*.css
     ${CMAKE_SOURCE_DIR}/src/serve/page/*.js)
lmc_embed(serve write_page_files.cmake report/web/palette.css ${lmc_page_files})
