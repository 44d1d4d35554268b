"""«Новости школы»: the text as readers see it, pictures, what is published when."""
