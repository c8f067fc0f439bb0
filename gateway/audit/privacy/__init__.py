"""Personal detail in records and pseudonyms of those they are about (个人信息保护).

Vocabulary: a *detail key* is what one month's personal detail of one providing department is encrypted under; a *pepper* is
what one year's pseudonyms are made with; a *subject* (当事人) is who or what a call was about; an *opening* reads one
record. Invariants: no name, id number or parameter stands in a record in the clear; writers hold the secrets of the present
only; whoever reads personal detail, or searches by a real number, leaves a record with the reason; a destroyed key shreds
what was encrypted under it, and the tree still stands (个人信息保护法 Art. 47, 51).
"""
