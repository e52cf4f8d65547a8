"""What the pages say about themselves to machines, and what stands around them for these.

`facts` are the plain values that everything else repeats: the head's elements, the structured data
(`json_ld`), the social card's picture (`card`), the sitemap and the headers that hosts send.
"""
