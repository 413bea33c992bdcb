// A source of its own for the name: compiled for each shared object.
#include "sut/kernel/name_here.h"
