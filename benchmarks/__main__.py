"""`make bench`: run every benchmark, one after another, and print its figures."""

from benchmarks import lookups, open_pages, referidos, waits

if __name__ == "__main__":
    for benchmark in (lookups, referidos, open_pages, waits):
        benchmark.main()
        print()
