// Files that are no logs end with a place and a sentence; a log of any size is read in one buffer.

#include "traces/log/reader.h"

#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace holdfast {
namespace {

struct Read {
  std::uint64_t events = 0, lines = 0;
  std::string error;
};

Read ReadText(const std::string& text) {
  const std::string path = testing::TempDir() + "log.txt";
  std::ofstream(path, std::ios::binary) << text;
  LogReader reader(path);
  Read read;
  for (LogEvent event; reader.Next(event);) {
    read.events += event.kind != LogEvent::Kind::kOther;
    read.lines = reader.line();
  }
  read.error = reader.error().empty() ? "" : reader.error().substr(path.size());
  return read;
}

const std::string kLine = "holdfast 0 1 2 > iommu_preserve_device dev=0x10\n";

TEST(Reader, EveryLineIsRead) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += kLine;
  const Read read = ReadText(text + "holdfast 0 1 2 < iommu_preserve_device");
  EXPECT_EQ(read.events, 10'001u);
  EXPECT_EQ(read.lines, 10'001u);
  EXPECT_EQ(read.error, "");
}

TEST(Reader, AnErrorNamesTheLine) {
  EXPECT_EQ(ReadText(kLine + "junk\n").error,
            ":2:1: expected an event of trace-cmd report, perf script or bpftrace");
}

TEST(Reader, ALongLineIsRefusedAndNotKept) {
  EXPECT_EQ(ReadText(kLine + std::string(1 << 20, 'a')).error,
            ":2:65537: expected a line of at most 65536 bytes");
  EXPECT_EQ(ReadText("# " + std::string(kMaxLogLine - 2, 'a') + "\n" + kLine).error, "");
}

TEST(Reader, BytesThatAreNoText) {
  EXPECT_EQ(ReadText(std::string("\x7f"
                                 "ELF\0",
                                 5))
                .error,
            ":1:1: expected text");
}

TEST(Reader, NoFile) {
  LogReader reader("/no/such/log");
  LogEvent event;
  EXPECT_FALSE(reader.Next(event));
  EXPECT_EQ(reader.error(),
            "/no/such/log:1:1: expected a readable file: No such file or directory");
}

}  // namespace
}  // namespace holdfast
