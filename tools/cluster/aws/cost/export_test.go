package cost

// File is prices.json as the program has it.
var File = string(embedded)
