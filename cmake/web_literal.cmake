# Sets `result` to the C++ literal of the text of a file below src/.
function(lmc_web_literal file result)
  file(READ ${ROOT}/src/${file} text)
  string(FIND "${text}" ")web\"" end)
  if(NOT end EQUAL -1)
    message(FATAL_ERROR "src/${file}: ')web\"' would end the C++ literal")
  endif()
  set(${result} "R\"web(${text})web\"" PARENT_SCOPE)
endfunction()
