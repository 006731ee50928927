"""`make bench`: run every benchmark, one after another, and print its figures."""

from benchmarks import lookups

if __name__ == "__main__":
    lookups.main()
