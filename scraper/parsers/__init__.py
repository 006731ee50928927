"""Read the answers of the census's pages: text in, result or error out; nothing here can fetch.

Each parser returns a result or raises a `ScraperError` that carries `page_text`. An answer that is
not understood is an UnknownPage, never a result. Which parser reads which page stands in
`scraper.shapes`.
"""
