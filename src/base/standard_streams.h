// The program's standard input, output and error.
#pragma once

namespace lmc {

// Gives each of the descriptors 0 to 2 that the program was started without something to point at:
// the next file opened would take its number otherwise, and messages would be written into it.
// What is written to a standard output that was closed fails, as it should.
// Call first of all, before another thread or file is there.
void secure_standard_streams();

// Hands on what std::cout holds.
// Errors: InputError when any of it was lost: a full disk, a closed descriptor.
void finish_standard_output();

}  // namespace lmc
