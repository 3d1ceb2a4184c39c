# What adds the gradients of several processes, each left out where it is missing: MPI and NCCL.
if(NOT LMC_TORCH)
  return()
endif()

option(LMC_MPI "train on several processes by MPI, where MPI is found" ON)
if(LMC_MPI)
  find_package(MPI QUIET COMPONENTS CXX)
endif()
if(MPI_CXX_FOUND)
  # The C++ classes that some MPI libraries still declare are never used.
  set_source_files_properties(${CMAKE_SOURCE_DIR}/src/train/process_group_mpi.cpp PROPERTIES
    COMPILE_DEFINITIONS "LMC_HAVE_MPI;OMPI_SKIP_MPICXX;MPICH_SKIP_MPICXX"
    INCLUDE_DIRECTORIES "${MPI_CXX_INCLUDE_DIRS}")
  target_link_libraries(lmc_train PRIVATE $<LINK_ONLY:MPI::MPI_CXX>)
  message(STATUS "MPI: ${MPI_CXX_VERSION}")
else()
  message(STATUS "MPI: left out, none found (Debian: libopenmpi-dev openmpi-bin)")
endif()

# torch's CUDA wheels bring NCCL in a wheel of its own, beside torch.
find_path(LMC_NCCL_INCLUDE nccl.h
          HINTS ${TORCH_INSTALL_PREFIX}/../nvidia/nccl/include)
find_library(LMC_NCCL NAMES nccl libnccl.so.2
             HINTS ${TORCH_INSTALL_PREFIX}/../nvidia/nccl/lib)
if(TARGET torch_cuda AND LMC_NCCL_INCLUDE AND LMC_NCCL)
  set_source_files_properties(${CMAKE_SOURCE_DIR}/src/train/process_group_nccl.cpp PROPERTIES
    COMPILE_DEFINITIONS LMC_HAVE_NCCL INCLUDE_DIRECTORIES "${LMC_NCCL_INCLUDE}")
  target_link_libraries(lmc_train PUBLIC ${LMC_NCCL})
  if(TARGET CUDA::cudart)
    target_link_libraries(lmc_train PUBLIC CUDA::cudart)
  endif()
  message(STATUS "NCCL: ${LMC_NCCL}")
else()
  message(STATUS "NCCL: left out, it needs a CUDA libtorch and nccl.h")
endif()
