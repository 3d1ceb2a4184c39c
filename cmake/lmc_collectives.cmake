# What training on several devices takes from outside, each left out where it is missing: the module
# that links MPI, which the program loads only when asked for it, and NCCL.
if(NOT LMC_TORCH)
  return()
endif()

option(LMC_MPI "build the MPI engine of training on several devices, where MPI is found" ON)
if(LMC_MPI)
  find_package(MPI QUIET COMPONENTS CXX)
endif()
if(MPI_CXX_FOUND)
  add_library(litemedcot_mpi MODULE ${CMAKE_SOURCE_DIR}/src/train/collectives_mpi/mpi_module.cpp)
  target_include_directories(litemedcot_mpi PRIVATE ${CMAKE_SOURCE_DIR}/src)
  lmc_warnings(litemedcot_mpi)
  # The C++ classes that some MPI libraries still declare are never used.
  target_compile_definitions(litemedcot_mpi PRIVATE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)
  target_link_libraries(litemedcot_mpi PRIVATE MPI::MPI_CXX)
  set_target_properties(litemedcot_mpi PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  install(TARGETS litemedcot_mpi LIBRARY DESTINATION lib)
  message(STATUS "MPI engine: MPI ${MPI_CXX_VERSION}")
else()
  message(STATUS "MPI engine: left out, no MPI found (Debian: libopenmpi-dev)")
endif()

# torch's CUDA wheels bring NCCL in a wheel of its own, beside torch.
find_path(LMC_NCCL_INCLUDE nccl.h
          HINTS ${TORCH_INSTALL_PREFIX}/../nvidia/nccl/include)
find_library(LMC_NCCL NAMES nccl libnccl.so.2
             HINTS ${TORCH_INSTALL_PREFIX}/../nvidia/nccl/lib)
if(TARGET torch_cuda AND LMC_NCCL_INCLUDE AND LMC_NCCL)
  set_source_files_properties(${CMAKE_SOURCE_DIR}/src/train/collectives_nccl.cpp PROPERTIES
    COMPILE_DEFINITIONS LMC_HAVE_NCCL INCLUDE_DIRECTORIES "${LMC_NCCL_INCLUDE}")
  target_link_libraries(lmc_train PUBLIC ${LMC_NCCL})
  if(TARGET CUDA::cudart)
    target_link_libraries(lmc_train PUBLIC CUDA::cudart)
  endif()
  message(STATUS "NCCL engine: ${LMC_NCCL}")
else()
  message(STATUS "NCCL engine: left out, it needs a CUDA libtorch and nccl.h")
endif()
