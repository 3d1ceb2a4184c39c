#include "train/collectives_mpi/mpi_module.h"

#include <mpi.h>

#include <algorithm>
#include <string>
#include <vector>

namespace lmc::train {

namespace {

constexpr size_t kMostBytesAMessage = size_t{1} << 30;
constexpr int kTag = 1;

// MPI itself is one for the whole process.
std::vector<MPI_Request> requests;
std::string problem;

const char* report(int error) {
  if (error == MPI_SUCCESS) return "";
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(error, text, &length);
  problem.assign(text, static_cast<size_t>(length));
  return problem.c_str();
}

const char* start(int* rank, int* size) {
  int was_started = 0, was_stopped = 0;
  MPI_Initialized(&was_started);
  MPI_Finalized(&was_stopped);
  if (was_stopped != 0) return "MPI was stopped before and cannot be started twice";
  if (was_started == 0) {
    int given = 0;
    const int error = MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &given);
    if (error != MPI_SUCCESS) return report(error);
    if (given < MPI_THREAD_FUNNELED) return "this MPI allows no threads";
  }
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_rank(MPI_COMM_WORLD, rank);
  return report(MPI_Comm_size(MPI_COMM_WORLD, size));
}

// MPI counts with int; both sides cut a piece in the same way.
template <class Byte, class Begin>
const char* in_messages(Byte* data, size_t bytes, const Begin& begin) {
  for (size_t at = 0; at < bytes; at += kMostBytesAMessage) {
    requests.push_back(MPI_REQUEST_NULL);
    const auto count = static_cast<int>(std::min(bytes - at, kMostBytesAMessage));
    const int error = begin(data + at, count, &requests.back());
    if (error != MPI_SUCCESS) return report(error);
  }
  return "";
}

const char* send(const void* data, size_t bytes, int peer) {
  return in_messages(static_cast<const char*>(data), bytes,
                     [&](const char* from, int count, MPI_Request* request) {
                       return MPI_Isend(from, count, MPI_BYTE, peer, kTag, MPI_COMM_WORLD, request);
                     });
}

const char* receive(void* data, size_t bytes, int peer) {
  return in_messages(static_cast<char*>(data), bytes,
                     [&](char* to, int count, MPI_Request* request) {
                       return MPI_Irecv(to, count, MPI_BYTE, peer, kTag, MPI_COMM_WORLD, request);
                     });
}

const char* advance(size_t* unfinished) {
  int num_done = 0;
  std::vector<int> done(requests.size());
  const int error = MPI_Testsome(static_cast<int>(requests.size()), requests.data(), &num_done,
                                 done.data(), MPI_STATUSES_IGNORE);
  std::erase(requests, MPI_REQUEST_NULL);
  *unfinished = requests.size();
  return report(error);
}

void stop() { MPI_Finalize(); }

}  // namespace

}  // namespace lmc::train

extern "C" __attribute__((visibility("default"))) const lmc::train::MpiModule*
litemedcot_mpi_module() {
  using namespace lmc::train;
  static const MpiModule module = {MpiModule::kVersion, start, send, receive, advance, stop};
  return &module;
}
