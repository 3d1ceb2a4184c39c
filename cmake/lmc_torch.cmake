# Finds libtorch 2.6 or newer and offers it as the target lmc::torch.
#
# Looked for in this order: -DTORCH_PREFIX (or the environment's), a torch of the active Python
# environment, the project's own .venv, the system.
if(NOT LMC_TORCH)
  return()
endif()

if(NOT TORCH_PREFIX)
  set(TORCH_PREFIX "$ENV{TORCH_PREFIX}")
endif()
if(NOT TORCH_PREFIX)
  foreach(python "$ENV{VIRTUAL_ENV}/bin/python" ${CMAKE_SOURCE_DIR}/.venv/bin/python)
    if(EXISTS ${python})
      execute_process(
        COMMAND ${python} -c "import torch, os; print(os.path.dirname(torch.__file__))"
        OUTPUT_VARIABLE TORCH_PREFIX OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
      if(TORCH_PREFIX)
        break()
      endif()
    endif()
  endforeach()
endif()
if(TORCH_PREFIX)
  list(PREPEND CMAKE_PREFIX_PATH ${TORCH_PREFIX})
endif()

find_package(Torch REQUIRED)
if(Torch_VERSION VERSION_LESS 2.6)
  message(FATAL_ERROR "libtorch ${Torch_VERSION} is too old: 2.6 or newer is needed. "
                      "Give one with -DTORCH_PREFIX=DIR, or run tools/setup.sh")
endif()
message(STATUS "libtorch ${Torch_VERSION} from ${TORCH_INSTALL_PREFIX}")

add_library(lmc_torch INTERFACE)
target_link_libraries(lmc_torch INTERFACE ${TORCH_LIBRARIES})
# Torch's headers are not ours to warn about.
target_include_directories(lmc_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
separate_arguments(lmc_torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
target_compile_options(lmc_torch INTERFACE ${lmc_torch_flags})
target_compile_definitions(lmc_torch INTERFACE LMC_HAVE_TORCH=1)
add_library(lmc::torch ALIAS lmc_torch)
